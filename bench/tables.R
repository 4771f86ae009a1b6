# Writes the four tables of bench/clean.ts as CSV files into a folder:
#
#     Rscript bench/tables.R FOLDER
#
# They come with packages of R (Debian: r-base-core, r-cran-mlbench, r-cran-kernlab): letters, satellite, dna and spam of the UCI repository.
folder <- commandArgs(trailingOnly = TRUE)[1]
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
table_of <- function(name, package) {
  here <- new.env()
  utils::data(list = name, package = package, envir = here)
  get(name, here)
}
save_as <- function(table, label, name) {
  names(table)[names(table) == label] <- "label"
  write.csv(table, file.path(folder, paste0(name, ".csv")), row.names = FALSE)
}
save_as(table_of("LetterRecognition", "mlbench"), "lettr", "letters")
save_as(table_of("Satellite", "mlbench"), "classes", "satellite")
save_as(table_of("DNA", "mlbench"), "Class", "dna")
save_as(table_of("spam", "kernlab"), "type", "spam")
