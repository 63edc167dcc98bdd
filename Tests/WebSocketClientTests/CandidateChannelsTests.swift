import NIOCore
import NIOPosix
import Testing

@testable import WebSocketClient

@Suite(.timeLimit(.minutes(5))) struct CandidateChannelsTests {
    @Test("an attempt that is ended takes all its channels along, whichever came last, and gets no further ones")
    func close() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(server.localAddress)
        let candidates = CandidateChannels()
        func channel() async throws -> (channel: any Channel, isTaken: Bool) {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(to: address).get()
            return (channel, candidates.add(channel))
        }
        let (winner, loser) = try await (channel(), channel())
        #expect([winner.isTaken, loser.isTaken] == [true, true])
        candidates.close()
        try await winner.channel.closeFuture.get()
        try await loser.channel.closeFuture.get()
        let late = try await channel()
        #expect(!late.isTaken)
        try await late.channel.close()
        try await server.close()
    }
}
