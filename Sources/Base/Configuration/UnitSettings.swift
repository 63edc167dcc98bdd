import Settings

/// `units`: how the connections to units are kept.
public struct UnitSettings: Equatable, Sendable {
    /// How often a read unit is expected to speak.
    public var period = Duration.seconds(1)
    /// A read unit that was silent for so many periods is connected anew.
    public var idlePeriods = 5
    /// A read unit whose period is learned is given up after so many of its periods.
    public var silenceFactor = 5
    /// No silence shorter than this gives a unit up because of its learned period.
    public var silenceMinimum = Duration.seconds(3)
    public var connectTimeout = Duration.seconds(5)
    /// The first and the longest pause between two attempts to connect.
    public var backoffMinimum = Duration.milliseconds(500)
    public var backoffMaximum = Duration.seconds(30)
    /// The first connections are spread over this time.
    public var stagger = Duration.seconds(1)
    /// Attempts to connect a second, over all units.
    public var startRate = 500
    /// After so much silence TCP asks whether the unit's machine is there, and then again after each interval
    /// (TCP_KEEPIDLE, TCP_KEEPINTVL).
    public var keepaliveIdle = Duration.seconds(10)
    public var keepaliveInterval = Duration.seconds(5)
    /// Bytes or questions that the unit's TCP has not acknowledged for so long end the connection (TCP_USER_TIMEOUT,
    /// RFC 5482).
    public var userTimeout = Duration.seconds(20)
    /// Lines a second that a unit may say for long, and how many at once.
    public var lineRate = 1000
    public var lineBurst = 2000
    /// The longest line, in bytes without its terminator.
    public var lineLimit = 256
    public var flaps = FlapSettings()

    public init() {}

    init(_ reader: SettingsReader?) {
        guard let reader else { return }
        readSilence(reader)
        readConnecting(reader)
        readKeepalive(reader)
        lineRate = reader.integer("rate", in: 1...1_000_000) ?? lineRate
        lineBurst = reader.integer("burst", in: 1...1_000_000) ?? lineBurst
        lineLimit = reader.integer("line-limit", in: 8...1024) ?? lineLimit
        flaps = FlapSettings(reader)
        reader.finish()
    }

    private mutating func readSilence(_ reader: SettingsReader) {
        let range = Duration.milliseconds(10)...(.seconds(86_400))
        period = reader.duration("period", in: range) ?? period
        idlePeriods = reader.integer("idle-periods", in: 2...1000) ?? idlePeriods
        silenceFactor = reader.integer("silence-factor", in: 2...1000) ?? silenceFactor
        silenceMinimum = reader.duration("silence-min", in: range) ?? silenceMinimum
    }

    private mutating func readConnecting(_ reader: SettingsReader) {
        connectTimeout =
            reader.duration("connect-timeout", in: .milliseconds(100)...(.seconds(120))) ?? connectTimeout
        let longest = Duration.seconds(3600)
        backoffMinimum = reader.duration("backoff-min", in: .milliseconds(10)...longest) ?? backoffMinimum
        backoffMaximum =
            reader.duration("backoff-max", in: .milliseconds(10)...longest) ?? max(backoffMaximum, backoffMinimum)
        stagger = reader.duration("stagger", in: .zero...longest) ?? stagger
        startRate = reader.integer("start-rate", in: 1...100_000) ?? startRate
        if backoffMaximum < backoffMinimum {
            reader.report("backoff-max", "must not be shorter than backoff-min (\(backoffMinimum.settingsText))")
        }
    }

    private mutating func readKeepalive(_ reader: SettingsReader) {
        let range = Duration.seconds(1)...(.seconds(3600))
        keepaliveIdle = reader.duration("keepalive-idle", in: range) ?? keepaliveIdle
        keepaliveInterval = reader.duration("keepalive-interval", in: range) ?? keepaliveInterval
        userTimeout = reader.duration("user-timeout", in: range) ?? userTimeout
    }

    /// The longest silence of a read unit, whatever its period.
    public var idleLimit: Duration { period * idlePeriods }
}
