import Foundation

extension Error {
    /// Why a file was not written, in the system's words where it has some.
    var reason: String {
        guard let error = (self as NSError).userInfo[NSUnderlyingErrorKey] as? NSError,
            error.domain == NSPOSIXErrorDomain
        else { return localizedDescription }
        return String(cString: strerror(Int32(error.code)))
    }
}
