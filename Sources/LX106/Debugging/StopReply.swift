/// Why the CPU stands still, as a debugger is told.
enum StopReply: Sendable, Equatable {
    /// By the session's begin, or after a step.
    case halted
    case softwareBreakpoint
    case hardwareBreakpoint
    /// The debugger has asked for it, or a peripheral.
    case interrupted
    /// It would go on where nothing can be run.
    case illegal

    /// - Parameter breakpoints: The session's own, by their kind.
    init(_ stop: Stop, _ breakpoints: [Set<UInt32>]) {
        self =
            switch stop {
            case .budget, .waiting: .halted
            case .paused: .interrupted
            case .trap: .illegal
            case .breakpoint(let address) where breakpoints[0].contains(address): .softwareBreakpoint
            case .breakpoint: .hardwareBreakpoint
            }
    }

    /// The packet's content: `T` with the signal (2 SIGINT, 4 SIGILL, 5 SIGTRAP), the thread, and the reason where the debugger
    /// knows of that.
    func text(_ knowsSoftware: Bool, _ knowsHardware: Bool) -> String {
        switch self {
        case .halted: "T05thread:01;"
        case .softwareBreakpoint: "T05thread:01;" + (knowsSoftware ? "swbreak:;" : "")
        case .hardwareBreakpoint: "T05thread:01;" + (knowsHardware ? "hwbreak:;" : "")
        case .interrupted: "T02thread:01;"
        case .illegal: "T04thread:01;"
        }
    }
}
