/// How the runner has a board: what it starts, and how it reaches it.
enum Driver: String, Sendable, CaseIterable {
    /// `iot sim read` or `iot sim lamp`: what the original firmware does.
    case simulated
    /// The reference firmware as a Linux process, from `make firmware-host`.
    case firmwareHost = "firmware-host"
    /// `iot board`: a NodeMCU in software on a serial port; it has no network.
    case virtualBoard = "virtual-board"
    /// A real board on a serial port, in the network, or both.
    case serial
    /// A program of the rig's, which listens where it is told and is a unit.
    case command

    /// Whether the runner starts a program for each case, so that the board is nobody else's.
    var isProcess: Bool { self != .serial }
}
