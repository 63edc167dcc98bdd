/// What is answered to one question of the control endpoint.
struct ControlAnswer: Equatable, Sendable {
    var status: Int
    var type = "application/json"
    var body: String

    /// What went wrong, as JSON.
    static func refusal(_ status: Int, _ why: String) -> ControlAnswer {
        let quoted = why.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20: " "
            default: String(scalar)
            }
        }
        return ControlAnswer(status: status, body: "{\"error\":\"\(quoted.joined())\"}\n")
    }
}

/// One question.
struct ControlQuestion: Equatable, Sendable {
    var method: String
    /// Without its query.
    var path: String
    /// What the Authorization header says, if there is one.
    var authorization: String?
    var body = ""
}
