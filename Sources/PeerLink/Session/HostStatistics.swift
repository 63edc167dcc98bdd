/// What a host has seen, since it was started.
public struct HostStatistics: Equatable, Sendable {
    /// Peers now, connected and being connected.
    public var peers = 0
    public var halfOpen = 0
    /// Addresses that their datagrams come from.
    public var addresses = 0
    public var answered = 0
    public var connected = 0
    public var vanished = 0
    public var notConnectedInTime = 0
    public var wrongFingerprints = 0
    public var tooSlow = 0
    /// Offers that were not understood, or broke a limit of their form.
    public var descriptionsRefused = 0
    /// Offers that a limit on peers or attempts refused.
    public var attemptsRefused = 0
    /// Datagrams that are neither STUN nor DTLS, or too large, or broken.
    public var garbage = 0
    /// Of DTLS, from an address that is no peer's.
    public var unknownSources = 0
    /// Checks for a session that there is not, or not authentic.
    public var checksRefused = 0
    public var malformedMessages = 0
    public var channelsRefused = 0
    /// Datagrams that the kernel did not take.
    public var datagramsDropped = 0

    public init() {}
}
