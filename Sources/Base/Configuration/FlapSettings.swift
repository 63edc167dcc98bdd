import Settings

/// The keys of `units` that say when a unit loses its connection too often, and what becomes of it then.
public struct FlapSettings: Equatable, Sendable {
    /// So many losses within ``window`` put a unit into quarantine; 0: never.
    public var count = 10
    public var window = Duration.seconds(60)
    /// A unit in quarantine is connected about so often.
    public var probePeriod = Duration.seconds(30)
    /// A connection that stood so long ends the quarantine.
    public var steadyTime = Duration.seconds(30)

    public init() {}

    init(_ reader: SettingsReader) {
        let longest = Duration.seconds(86_400)
        count = reader.integer("flap-count", in: 0...1000) ?? count
        window = reader.duration("flap-time", in: .seconds(1)...longest) ?? window
        probePeriod = reader.duration("probe-period", in: .milliseconds(100)...longest) ?? probePeriod
        steadyTime = reader.duration("steady-time", in: .milliseconds(100)...longest) ?? steadyTime
    }
}
