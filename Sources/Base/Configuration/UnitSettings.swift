import Settings

/// `units`: how the connections to units are kept.
public struct UnitSettings: Equatable, Sendable {
    /// How often a read unit is expected to speak.
    public var period = Duration.seconds(1)
    /// A read unit that was silent for so many periods is connected anew.
    public var idlePeriods = 5
    public var connectTimeout = Duration.seconds(5)
    /// The first and the longest pause between two attempts to connect.
    public var backoffMinimum = Duration.milliseconds(500)
    public var backoffMaximum = Duration.seconds(30)
    /// The first connections are spread over this time.
    public var stagger = Duration.seconds(1)

    public init() {}

    init(_ reader: SettingsReader?) {
        guard let reader else { return }
        period = reader.duration("period", in: .milliseconds(10)...(.seconds(86_400))) ?? period
        idlePeriods = reader.integer("idle-periods", in: 2...1000) ?? idlePeriods
        connectTimeout =
            reader.duration("connect-timeout", in: .milliseconds(100)...(.seconds(120))) ?? connectTimeout
        let longest = Duration.seconds(3600)
        backoffMinimum = reader.duration("backoff-min", in: .milliseconds(10)...longest) ?? backoffMinimum
        backoffMaximum =
            reader.duration("backoff-max", in: .milliseconds(10)...longest) ?? max(backoffMaximum, backoffMinimum)
        stagger = reader.duration("stagger", in: .zero...longest) ?? stagger
        if backoffMaximum < backoffMinimum {
            reader.report("backoff-max", "must not be shorter than backoff-min (\(backoffMinimum.settingsText))")
        }
        reader.finish()
    }

    /// The longest silence of a read unit.
    public var idleLimit: Duration { period * idlePeriods }
}
