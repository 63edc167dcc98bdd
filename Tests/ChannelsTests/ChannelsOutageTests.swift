import Testing

@testable import Channels

/// A broker that is away for long, in virtual time.
@Suite struct ChannelsOutageTests {
    /// How a broker is away.
    enum Absence: CaseIterable {
        /// Every attempt is refused at once.
        case refuses
        /// No attempt is ever answered.
        case swallows
        /// Connections are made, and nobody says a word.
        case isMute
    }

    @Test(
        "a broker that was away for 100 s is subscribed within a minute and a quarter of its return (the original never is)",
        arguments: Absence.allCases)
    func hundredSeconds(absence: Absence) throws {
        let requests = try ChannelName("private-requests")
        let socket = try #require(SocketID("12.34"))
        let greeting =
            #"{"event":"pusher:connection_established","data":"{\"socket_id\":\"12.34\",\"activity_timeout\":120}"}"#
        let succeeded =
            #"{"event":"pusher_internal:subscription_succeeded","channel":"private-requests","data":"{}"}"#
        var client = ChannelsClient(
            key: "key", clientName: "iot", clientVersion: "1.0", channels: [requests], random: { 1 })
        var now = Duration.zero
        var wake: Duration?
        var isAway = false
        var attempts = 0
        var subscribed: [Duration] = []

        func feed(_ input: ChannelsClient.Input) {
            var inputs = [input]
            while !inputs.isEmpty {
                for action in client.on(inputs.removeFirst(), at: now) {
                    switch action {
                    case .connect:
                        attempts += 1
                        switch (isAway, absence) {
                        case (false, _): inputs += [.opened, .received(greeting)]
                        case (true, .refuses): inputs.append(.connectFailed(reason: "refused"))
                        case (true, .swallows): break
                        case (true, .isMute): inputs.append(.opened)
                        }
                    case .authorize(let channel, let socketID):
                        #expect(socketID == socket)
                        inputs.append(.authorized(channel, socketID, ChannelAuthorization(auth: "key:sig")))
                    case .send(let text) where text.contains("pusher:subscribe"): inputs.append(.received(succeeded))
                    case .subscribed: subscribed.append(now)
                    case .wake(let at): wake = at
                    default: break
                    }
                }
            }
        }

        func pass(to moment: Duration) {
            while let at = wake, at <= moment {
                wake = nil
                now = max(now, at)
                feed(.wake)
            }
            now = moment
        }

        feed(.start)
        #expect(subscribed == [.zero])
        pass(to: .seconds(60))
        isAway = true
        feed(.closed(nil))
        pass(to: .seconds(160))
        #expect(attempts > 3)
        isAway = false
        pass(to: .seconds(160 + 75))
        #expect(subscribed.count == 2)
    }
}
