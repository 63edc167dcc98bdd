/// How many dead letters there are.
struct DeadLetterTally: Equatable, Sendable {
    /// Those in the files, with those that are to be tried again; one that a crash has left in two files counts twice.
    var kept = 0
    /// Those that this process has given up for newer ones.
    var givenUp = 0
}
