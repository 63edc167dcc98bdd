import COpenSSL

/// What OpenSSL could not do, with its own words.
public struct DtlsError: Error, Equatable, Sendable, CustomStringConvertible {
    public let operation: String
    /// OpenSSL's first error of this thread; empty where it named none.
    public let reason: String

    public var description: String { reason.isEmpty ? "\(operation) failed" : "\(operation) failed: \(reason)" }

    /// Takes the reason out of this thread's queue of errors, which is empty afterwards.
    init(_ operation: String) {
        self.operation = operation
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else {
            reason = ""
            return
        }
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// - Throws: ``DtlsError`` where `result`, an OpenSSL function's, is not positive.
    static func check(_ operation: String, _ result: some BinaryInteger) throws(DtlsError) {
        guard result > 0 else { throw DtlsError(operation) }
    }

    static func require<Value>(_ operation: String, _ value: Value?) throws(DtlsError) -> Value {
        guard let value else { throw DtlsError(operation) }
        return value
    }
}
