// A value that others watch. Nobody is told of what does not change.

function signal(value) {
  const watchers = [];
  return {
    get: () => value,
    set(next) {
      if (next === value) return;
      value = next;
      watchers.forEach((watcher) => watcher(value));
    },
    watch: (watcher) => watchers.push(watcher),
  };
}
