/// Why a base cannot run here.
enum GatewayError: Error, Equatable, CustomStringConvertible {
    case tooFewDescriptors(units: Int, needed: Int, available: Int)

    var description: String {
        switch self {
        case .tooFewDescriptors(let units, let needed, let available):
            "\(units) units and the webhook need \(needed) descriptors, but this process may open only \(available); raise the "
                + "hard limit (ulimit -Hn, or LimitNOFILE= of the service)"
        }
    }
}
