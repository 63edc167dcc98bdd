import Foundation
import Glibc

/// Finds the addresses of a host by its name, and waits no longer than it is told.
///
/// The system's call has no limit, so it runs on a thread of its own. Who gives up leaves that thread behind; it ends when
/// the system gives up too, and what it finds is dropped.
struct HostLookup: Sendable {
    /// What `connect` takes.
    struct Address: Sendable, Equatable {
        var family: Int32
        /// The `sockaddr`, byte for byte.
        var bytes: [UInt8]
    }

    /// The system's word on why there is none.
    struct Failure: Error, Equatable {
        var text: String
    }

    /// May take as long as it likes.
    private let resolve: @Sendable (_ host: String, _ port: Int) -> Result<[Address], Failure>

    init(_ resolve: @escaping @Sendable (_ host: String, _ port: Int) -> Result<[Address], Failure>) {
        self.resolve = resolve
    }

    /// - Parameter name: What messages call the port that it is for.
    /// - Throws: ``SerialError`` with the reason `unreachable`.
    func addresses(
        of host: String, port: Int, name: String, until deadline: ContinuousClock.Instant
    ) throws(SerialError) -> [Address] {
        let answer = SharedState(Result<[Address], Failure>?.none)
        Thread.detachNewThread { [resolve] in
            let found = resolve(host, port)
            answer.change { $0 = found }
        }
        switch answer.wait(until: deadline, for: \.self) {
        case .success(let addresses): return addresses
        case .failure(let failure):
            throw SerialError(name, .unreachable("the name \(host) was not found: \(failure.text)"))
        case nil:
            throw SerialError(
                name,
                .unreachable(
                    "no name server has told the address of \(host) in time; give the address in numbers if it is known"
                ))
        }
    }

    /// The system's own: hosts file, name servers, and what else it is set up for.
    static let system = HostLookup { host, port in
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0 else { return .failure(Failure(text: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(found) }
        let entries = sequence(first: found) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap(\.self?.pointee)
        return .success(
            entries.map { entry in
                Address(
                    family: entry.ai_family,
                    bytes: Array(UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))))
            })
    }
}
