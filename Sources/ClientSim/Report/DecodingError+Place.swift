extension DecodingError {
    /// What is wrong, and where: `units[3].measured: Expected to decode Int but found a string instead.`
    var place: String {
        let context: Context? =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default: nil
            }
        guard let context else { return "\(self)" }
        let path = context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
        return path.isEmpty ? context.debugDescription : "\(path.trimmingPrefix(".")): \(context.debugDescription)"
    }
}
