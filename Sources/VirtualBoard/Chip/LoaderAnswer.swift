import ESPLoader

/// What a loader makes of a command.
struct LoaderAnswer {
    /// Frames to send once `busy` is over, in order; contents without framing.
    var frames: [[UInt8]] = []
    /// How long the chip hears and says nothing.
    var busy = Duration.zero
    /// How long the flash is busy by itself, while the chip hears and answers.
    var flashBusy = Duration.zero
    var next: Next = .loader

    enum Next: Equatable {
        case loader
        /// The chip restarts.
        case restart
        /// What is in the flash runs from here on, without a restart.
        case runFlash
        /// Code that was loaded to memory runs from here on.
        case execute(entry: UInt32)
        /// The UART changes its speed after the answer.
        case baud(Int)
    }

    static func done(_ opcode: UInt8, value: UInt32 = 0, data: [UInt8] = [], busy: Duration = .zero) -> LoaderAnswer {
        LoaderAnswer(
            frames: [LoaderResponse(opcode: opcode, value: value, body: data + [0, 0]).content], busy: busy)
    }

    static func refused(_ opcode: UInt8, _ refusal: LoaderRefusal) -> LoaderAnswer {
        LoaderAnswer(frames: [LoaderResponse(opcode: opcode, body: [1, refusal.code]).content])
    }
}
