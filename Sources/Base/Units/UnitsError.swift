/// Why units are not read.
enum UnitsError: Error, Equatable, CustomStringConvertible {
    case tooMany(units: Int, limit: Int)

    var description: String {
        switch self {
        case .tooMany(let units, let limit):
            "\(units) units are to be read, but this process may open connections to \(limit) only; raise the hard limit "
                + "(ulimit -Hn, or LimitNOFILE= of the service) and start it anew"
        }
    }
}
