import HTTPTypes
import Hummingbird

extension Request {
    /// The value of a header that no library has a name for; nil where it is missing.
    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}
