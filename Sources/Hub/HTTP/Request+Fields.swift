import Hummingbird
import NIOCore
import Settings

/// What the JSON API takes of a body.
enum RequestBodyLimit {
    static let bytes = 64 * 1024
    /// How long a body may take to arrive.
    static let time = Duration.seconds(10)
}

extension Request {
    /// The body as text.
    ///
    /// - Throws: ``APIError`` when it is no UTF-8, comes too slowly, or is longer than
    ///   ``RequestBodyLimit/bytes``.
    func bodyText() async throws -> String {
        let buffer = try await bodyBytes(upTo: RequestBodyLimit.bytes)
        guard let text = String(validating: buffer.readableBytesView, as: UTF8.self) else {
            throw APIError.badJSON("it is not UTF-8 text")
        }
        return text
    }

    /// The whole body.
    ///
    /// - Throws: ``APIError/tooSlow``; ``APIError/tooLarge(_:)`` beyond `limit`.
    func bodyBytes(upTo limit: Int) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer.self) { [body] group in
            group.addTask {
                do {
                    return try await body.collect(upTo: limit)
                } catch is NIOTooManyBytesError {
                    throw APIError.tooLarge(limit)
                }
            }
            group.addTask {
                try await Task.sleep(for: RequestBodyLimit.time)
                throw APIError.tooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ByteBuffer()
        }
    }

    /// Reads the body as a JSON object; `read` asks for the fields, and all that is wrong with them is said at once.
    ///
    /// - Throws: ``APIError`` with code `bad_json` when it is no JSON, `invalid` when a field is not as it should be.
    func fields<Value>(_ read: (SettingsReader) -> Value) async throws -> Value {
        let text = try await bodyText()
        let document: SettingsNode
        do {
            document = try SettingsNode(json: text)
        } catch let error as SettingsError {
            throw APIError.badJSON("it \(error.problems.first?.message ?? "is not JSON")")
        }
        guard case .map = document else { throw APIError.badJSON("it is \(document.kind)") }
        let reader = SettingsReader(document: document)
        let value = read(reader)
        reader.finish()
        guard reader.problems.isEmpty else {
            throw APIError.invalid(reader.problems.map(\.description).joined(separator: "; "))
        }
        return value
    }
}

extension SettingsReader {
    /// A string that must be there.
    func required(_ key: String, maximumLength: Int = 4096) -> String {
        if node(key) == nil { report(key, "is missing") }
        return string(key, maximumLength: maximumLength) ?? ""
    }

    /// A name for people: 1 to 100 characters, none of them a control character.
    func name(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        guard GivenName.allows(text) else {
            report(key, GivenName.rule)
            return nil
        }
        return text
    }
}

extension String {
    /// C0 and C1 control characters, and DEL.
    var containsControlCharacters: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
