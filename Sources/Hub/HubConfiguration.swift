import Files
import Foundation
import NIOPosix

/// How a hub runs.
struct HubConfiguration: Sendable {
    /// The address to listen on.
    var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    var port = 8080
    var stateDirectory: String
    /// How long measurements are kept.
    var retention = Duration.seconds(30 * 86_400)
    /// Where the broker's own webhooks go.
    var webhooks: [URL] = []
    /// Requests are passed on end-to-end encrypted, with the app's master key.
    var encryptsRequests = false
    /// What new password hashes cost; tests take less.
    var passwordCosts = PasswordHash.Costs.standard
    /// The folder with `Pages`.
    var resources = ResourceFolder.ofTarget("Hub")
}
