# Ask spdep about the map of make_units.py; writes spdep.json.
#
#     Rscript tests/reference/spdep.R tests/reference
#
# The brick that lies apart (the last unit) is left out. Local values are in the order of
# units.csv.

suppressPackageStartupMessages(library(spdep))
folder <- commandArgs(trailingOnly = TRUE)[1]
units <- read.csv(file.path(folder, "units.csv"))
pairs <- read.csv(file.path(folder, "neighbours.csv"))

neighbours <- function(pairs, units) {
  unit <- factor(pairs$unit, levels = units$unit)
  beside <- split(match(pairs$neighbour, units$unit), unit)
  lists <- lapply(beside, function(found) if (length(found)) sort(found) else 0L)
  structure(unname(lists), class = "nb", region.id = units$unit)
}

all_queen <- neighbours(pairs, units)
all_rook <- neighbours(pairs[pairs$edge == 1, ], units)
joined <- card(all_queen) > 0
queen <- subset(all_queen, joined)
rook <- subset(all_rook, joined)
u <- units[joined, ]
n <- nrow(u)
places <- cbind((u$left + u$right) / 2, (u$bottom + u$top) / 2)
near <- dnearneigh(places, 0, 5)
inverse <- lapply(nbdists(near, places), function(distances) 1 / distances)
graphs <- list(
  queen_B = nb2listw(queen, style = "B"),
  queen_W = nb2listw(queen, style = "W"),
  rook_B = nb2listw(rook, style = "B"),
  rook_W = nb2listw(rook, style = "W"),
  distance_B = nb2listw(near, glist = inverse, style = "B"),
  distance_W = nb2listw(near, glist = inverse, style = "W")
)
stars <- list(
  queen_B = nb2listw(include.self(queen), style = "B"),
  queen_W = nb2listw(include.self(queen), style = "W")
)
ones <- factor(u$binary)

moments <- function(test) unname(test$estimate)
plain <- function(table) unname(apply(unclass(table), 2, c, simplify = FALSE))[1:4]

moran <- lapply(graphs, function(w) list(
  randomisation = moments(moran.test(u$one, w, randomisation = TRUE)),
  normality = moments(moran.test(u$one, w, randomisation = FALSE)),
  p_two_sided = moran.test(u$one, w, alternative = "two.sided")$p.value
))
geary <- lapply(graphs, function(w) list(
  randomisation = moments(geary.test(u$one, w, randomisation = TRUE)),
  normality = moments(geary.test(u$one, w, randomisation = FALSE))
))
general <- lapply(graphs[c("queen_B", "rook_B", "distance_B")], function(w)
  moments(globalG.test(u$one, w)))
join_count <- lapply(graphs, function(w) {
  table <- joincount.multi(ones, w)
  list(joined = unname(table["1:1", 1:3]), separate = unname(table["0:0", 1:3]),
       mixed = unname(table["1:0", 1:3]))
})
joincount_test <- lapply(graphs[c("queen_B", "queen_W")], function(w)
  unname(lapply(joincount.test(ones, w), moments)))
lee_l <- lapply(graphs, function(w) lee(u$one, u$two, w, n)$L)
lee_test <- lapply(graphs["queen_W"], function(w) moments(lee.test(u$one, u$two, w)))
bivariate <- lapply(graphs, function(w) moran_bv(u$one, u$two, w, nsim = 2)$t0)
moran_rate <- suppressMessages(lapply(graphs, function(w)
  unname(EBImoran.mc(u$events, u$people, w, nsim = 1)$statistic)))

local_moran <- lapply(graphs, function(w) list(
  over_n = plain(localmoran(u$one, w, mlvar = TRUE, conditional = TRUE)),
  over_n_less_one = plain(localmoran(u$one, w, mlvar = FALSE, conditional = TRUE)),
  unconditional = plain(localmoran(u$one, w, mlvar = FALSE, conditional = FALSE)),
  quadrant = as.character(attr(localmoran(u$one, w), "quadr")$pysal)
))
internals <- function(w) plain(attr(localG(u$one, w, return_internals = TRUE), "internals"))
gi <- lapply(graphs, internals)
gi_star <- lapply(stars, internals)
local_geary <- lapply(graphs, function(w) c(localC(u$one, w)))
multivariate <- lapply(graphs, function(w) c(localC(cbind(u$one, u$two), w)))
set.seed(1)
join_table <- local_joincount_uni(ones, "1", graphs$queen_B, nsim = 99)
local_bivariate <- lapply(graphs, function(w)
  c(localmoran_bv(u$one, u$two, w, nsim = 1)[, 1]))
local_lee <- lapply(graphs, function(w) c(lee(u$one, u$two, w, n)$localL))

bayes <- EBest(u$events, u$people)
beside <- EBlocal(u$events, u$people, queen)
beside_geoda <- EBlocal(u$events, u$people, queen, geoda = TRUE)
local_rates <- function(table) list(
  smoothed = table$est, mean = c(attr(table, "parameters")$m),
  variance = c(attr(table, "parameters")$a)
)

whole <- !is.na(u$holed)
queen_holed <- nb2listw(subset(queen, whole), style = "W")
holed <- u$holed[whole]

answers <- list(
  software = list(R = R.version.string, spdep = as.character(packageVersion("spdep"))),
  moran = moran,
  geary = geary,
  getis_ord_general = general,
  join_count = join_count,
  joincount_test = joincount_test,
  lee = lee_l,
  lee_test = lee_test,
  bivariate_moran = bivariate,
  moran_rate = moran_rate,
  local_moran = local_moran,
  gi = gi,
  gi_star = gi_star,
  local_geary = local_geary,
  local_geary_multivariate = multivariate,
  local_join_count = join_table$BB,
  bivariate_local_moran = local_bivariate,
  local_lee = local_lee,
  empirical_bayes = list(
    smoothed = bayes$estmm, mean = attr(bayes, "parameters")$b,
    variance = attr(bayes, "parameters")$a
  ),
  local_empirical_bayes = local_rates(beside),
  local_empirical_bayes_as_geoda = local_rates(beside_geoda),
  holed = list(
    moran = moments(moran.test(holed, queen_holed)),
    geary = moments(geary.test(holed, queen_holed)),
    local_moran = plain(localmoran(holed, queen_holed)),
    gi = plain(attr(localG(holed, queen_holed, return_internals = TRUE), "internals"))
  )
)
text <- jsonlite::toJSON(answers, digits = NA, auto_unbox = TRUE, pretty = FALSE, na = "null")
writeLines(gsub("],", "],\n", text, fixed = TRUE), file.path(folder, "spdep.json"))
