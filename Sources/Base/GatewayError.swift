/// Why a base cannot run here.
enum GatewayError: Error, Equatable, CustomStringConvertible {
    /// - `needed`: for the units and all else that the base opens, without `reserve`.
    /// - `limit`: how many this process may open.
    case tooFewDescriptors(units: Int, needed: Int, reserve: Int, limit: Int)

    var description: String {
        switch self {
        case .tooFewDescriptors(let units, let needed, let reserve, let limit):
            "this process may open \(limit) descriptors, and \(units) units need \(needed + reserve): \(needed) for them and "
                + "the base's other connections and files, \(reserve) in reserve; raise the hard limit to \(needed + reserve) "
                + "or more (ulimit -Hn before the start, or LimitNOFILE= of the service)"
        }
    }
}
