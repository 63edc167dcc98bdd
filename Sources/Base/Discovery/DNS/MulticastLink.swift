import Glibc
import Logging
import NIOCore
import NIOPosix
import UnitProtocol

/// The socket of multicast DNS: carries out what a ``ServiceBrowser`` decides.
struct MulticastLink: Sendable {
    /// After a failure, such as a network that is not there, it is tried again so often.
    static let pause = Duration.seconds(60)
    private static let port = 5353

    let interface: IPv4Address?
    let group: any EventLoopGroup
    let logger: Logger

    private typealias Datagrams = NIOAsyncChannel<AddressedEnvelope<ByteBuffer>, AddressedEnvelope<ByteBuffer>>

    private enum Event: Sendable {
        case received([UInt8])
        case woken
    }

    /// Asks and listens until its task is cancelled.
    func run(found: @escaping @Sendable (AnnouncedUnit) async -> Void) async {
        var isFailing = false
        while !Task.isCancelled {
            do {
                let (socket, isShared) = try await open()
                logger.debug("mdns.listening", metadata: ["port": "\(isShared ? "5353" : "ephemeral")"])
                isFailing = false
                try await socket.executeThenClose { try await serve($0, $1, found) }
            } catch {
                guard !Task.isCancelled else { return }
                logger.log(level: isFailing ? .debug : .warning, "mdns.failed", metadata: ["why": "\(error)"])
                isFailing = true
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func serve(
        _ datagrams: NIOAsyncChannelInboundStream<AddressedEnvelope<ByteBuffer>>,
        _ writer: NIOAsyncChannelOutboundWriter<AddressedEnvelope<ByteBuffer>>,
        _ found: @Sendable (AnnouncedUnit) async -> Void
    ) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        // A flood of datagrams takes no more memory than this; what is lost is asked for again.
        let (events, inlet) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(256))
        let multicast = try SocketAddress(ipAddress: "224.0.0.251", port: Self.port)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { inlet.finish() }
                for try await datagram in datagrams where datagram.remoteAddress.port == Self.port {
                    inlet.yield(.received(Array(datagram.data.readableBytesView)))
                }
            }
            guard let service = DNSName(AnnouncedUnit.service) else { return }
            var browser = ServiceBrowser(service: service, at: .zero, random: .random(in: 0...1))
            var timer: Task<Void, any Error>?
            defer { timer?.cancel() }
            inlet.yield(.woken)
            for await event in events {
                let now = clock.now - start
                let actions =
                    switch event {
                    case .woken: browser.wake(at: now)
                    case .received(let bytes): browser.receive(bytes, at: now)
                    }
                for action in actions {
                    switch action {
                    case .send(let bytes):
                        try await writer.write(
                            AddressedEnvelope(remoteAddress: multicast, data: ByteBuffer(bytes: bytes)))
                    case .found(let unit):
                        await found(unit)
                    case .wake(let moment):
                        timer?.cancel()
                        timer = Task {
                            try await clock.sleep(until: start + moment)
                            inlet.yield(.woken)
                        }
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }

    /// With port 5353 shared with whoever else listens there, or, where that is not allowed, with a port of its own: then
    /// answers come by unicast (RFC 6762, 6.7).
    private func open() async throws -> (socket: Datagrams, isShared: Bool) {
        if let shared = try? await bind(port: Self.port) { return (shared, true) }
        return (try await bind(port: 0), false)
    }

    private func bind(port: Int) async throws -> Datagrams {
        let channel = try await DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DNSMessage.maximumBytes))
            .bind(host: "0.0.0.0", port: port).get()
        do {
            try await join(channel)
            return try await channel.eventLoop.submit {
                try Datagrams(wrappingChannelSynchronously: channel)
            }.get()
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private func join(_ channel: any Channel) async throws {
        guard let socket = channel as? any MulticastChannel, let options = channel as? any SocketOptionProvider else {
            throw ChannelError.operationUnsupported
        }
        let group = try SocketAddress(ipAddress: "224.0.0.251", port: Self.port)
        try await options.setIPMulticastTTL(255).get()
        guard let interface else { return try await socket.joinGroup(group).get() }
        guard let device = try System.enumerateDevices().first(where: { $0.address?.ipAddress == "\(interface)" })
        else {
            throw MulticastError.noInterface(interface)
        }
        try await options.setIPMulticastIF(in_addr(s_addr: interface.bits.bigEndian)).get()
        try await socket.joinGroup(group, device: device).get()
    }
}

enum MulticastError: Error, Equatable, CustomStringConvertible {
    case noInterface(IPv4Address)

    var description: String {
        switch self {
        case .noInterface(let address):
            "no interface of this machine has the address \(address); set discovery.interface to one that is there"
        }
    }
}
