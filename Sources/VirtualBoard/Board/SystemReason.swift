import Foundation
import NIOCore

extension Error {
    /// Why the system has refused something, in the kernel's words; libraries wrap them in their own.
    var systemReason: String {
        if let error = self as? IOError { return String(cString: strerror(error.errnoCode)) }
        if case .unknown(let host, _) = self as? SocketAddressError { return "no address is known for \(host)" }
        let cause = (self as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let cause, cause.domain == NSPOSIXErrorDomain else { return "\(self)" }
        return String(cString: strerror(Int32(cause.code)))
    }
}
