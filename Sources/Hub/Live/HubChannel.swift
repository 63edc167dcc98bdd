/// The names of the channels that the hub itself speaks on.
enum HubChannel {
    /// Requests to updatable units; the base listens.
    static let requests = "private-requests"
    /// The same with end-to-end encryption, for a base that wants it.
    static let encryptedRequests = "private-encrypted-requests"
    /// Either way in which a base may listen.
    static let ofRequests: Set<String> = [requests, encryptedRequests]
    /// What the dashboard shows, as it changes.
    static let dashboard = "private-dashboard"
}
