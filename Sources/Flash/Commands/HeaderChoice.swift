/// What becomes of one field of an image's header.
enum HeaderChoice<Value: Sendable & Equatable>: Sendable, Equatable {
    /// As the file has it.
    case keep
    case value(Value)

    /// Nil where the field stays.
    var wanted: Value? {
        guard case .value(let value) = self else { return nil }
        return value
    }
}
