import Glibc

/// What usrsctp could not do.
struct SctpError: Error, Equatable, CustomStringConvertible {
    let operation: String
    let code: Int32

    init(_ operation: String) {
        self.operation = operation
        code = errno
    }

    var description: String { "SCTP: \(operation) failed: \(String(cString: strerror(code)))" }
}
