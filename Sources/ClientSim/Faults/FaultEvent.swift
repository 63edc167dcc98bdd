/// A fault of some units at some time, perhaps again and again.
public struct FaultEvent: Hashable, Sendable {
    /// After the start of the run.
    public var at: Duration
    /// How long it lasts each time; nil is to the end of the run.
    public var length: Duration?
    /// After how long it comes again, counted from its beginning.
    public var every: Duration?
    /// How often it comes; nil is without end, where there is `every`.
    public var times: Int?
    public var fault: Fault
    public var target: FaultTarget

    public init(
        at: Duration, length: Duration? = nil, every: Duration? = nil, times: Int? = nil, fault: Fault,
        target: FaultTarget = FaultTarget()
    ) {
        self.at = at
        self.length = length
        self.every = every
        self.times = times
        self.fault = fault
        self.target = target
    }
}
