import Channels
import Foundation

/// What the bases do with etcd, in its words.
extension EtcdClient {
    /// One key, as a range gives it.
    struct Pair: Equatable, Sendable {
        var key: String
        var value: String
        var lease: Int64
        var createRevision: Int64
    }

    /// The most keys of one transaction: etcd allows 128 operations.
    static let mostTogether = 100
    /// The most keys of one answer.
    private static let page = 1000

    /// - Parameter ttl: Whole seconds.
    /// - Returns: The lease, and the seconds that etcd has granted.
    func grant(ttl: Int) async throws -> (lease: Int64, ttl: Int) {
        let answer = try await call("/v3/lease/grant", ["TTL": .string("\(ttl)")])
        guard let lease = answer["ID"]?.int64, lease != 0, let granted = answer["TTL"]?.int64, granted > 0 else {
            throw LeaseError.unreadable("a grant without ID or TTL")
        }
        return (lease, Int(clamping: granted))
    }

    /// - Returns: The seconds that the lease lives from now on.
    /// - Throws: ``LeaseError/leaseGone`` when there is none.
    func keepAlive(_ lease: Int64) async throws -> Int {
        let answer = try await call("/v3/lease/keepalive", ["ID": .string("\(lease)")])
        guard let result = answer["result"] else { throw LeaseError.unreadable("a keepalive without a result") }
        guard let ttl = result["TTL"]?.int64, ttl > 0 else { throw LeaseError.leaseGone }
        return Int(clamping: ttl)
    }

    /// Ends a lease, and with it all keys that are attached to it.
    func revoke(_ lease: Int64) async throws {
        _ = try await call("/v3/lease/revoke", ["ID": .string("\(lease)")])
    }

    /// The newest revision of the whole store, asked for with a key that may be read. While it does not change, no key does.
    func revision(by key: String) async throws -> Int64 {
        let answer = try await call("/v3/kv/range", ["key": Self.base64(key), "count_only": true])
        return try Self.revision(of: answer)
    }

    /// All pairs whose keys begin with `prefix`, as they were at one revision.
    ///
    /// - Throws: ``LeaseError/tooManyKeys(_:)`` when there are more than `limit`.
    func pairs(under prefix: String, limit: Int) async throws -> (revision: Int64, pairs: [Pair]) {
        var pairs: [Pair] = []
        var from = prefix
        var revision: Int64 = 0
        while true {
            let answer = try await call(
                "/v3/kv/range",
                [
                    "key": Self.base64(from), "range_end": Self.end(of: prefix), "limit": .string("\(Self.page)"),
                    "revision": .string("\(revision)"),
                ])
            if revision == 0 { revision = try Self.revision(of: answer) }
            let more = try (answer["kvs"]?.array ?? []).map(Self.pair)
            pairs += more
            guard pairs.count <= limit else { throw LeaseError.tooManyKeys(limit) }
            guard answer["more"] == true, let last = more.last else { return (revision, pairs) }
            from = last.key + "\0"
        }
    }

    /// Makes a key that is not there yet, attached to a lease.
    ///
    /// - Returns: The revision at which it was made; nil when it was there.
    /// - Throws: ``LeaseError``; after ``LeaseError/unreachable(_:)`` the key may have been made nevertheless.
    func create(_ key: String, _ value: String, lease: Int64) async throws -> Int64? {
        try await create([key], value, lease: lease)[0]
    }

    /// Makes each of these keys that is not there yet, in one transaction of one transaction a key.
    ///
    /// - Parameter keys: At most ``mostTogether``.
    /// - Returns: For each key what ``create(_:_:lease:)`` does; those that are made together have the same revision.
    func create(_ keys: [String], _ value: String, lease: Int64) async throws -> [Int64?] {
        let answer = try await transactions(
            keys.map { key in
                (
                    key, 0,
                    [
                        "request_put": [
                            "key": Self.base64(key), "value": Self.base64(value), "lease": .string("\(lease)"),
                        ]
                    ]
                )
            })
        let revision = try Self.revision(of: answer)
        guard let each = answer["responses"]?.array, each.count == keys.count else {
            throw LeaseError.unreadable("a transaction with another number of answers")
        }
        return each.map { $0["response_txn"]?["succeeded"] == true ? revision : nil }
    }

    /// Deletes each of these keys if it is the one that was made at its token; any other stays.
    ///
    /// - Parameter keys: At most ``mostTogether``.
    func delete(_ keys: [(key: String, token: Int64)]) async throws {
        _ = try await transactions(
            keys.map { key, token in (key, token, ["request_delete_range": ["key": Self.base64(key)]]) })
    }

    /// Does each operation whose key was made at the given revision, or is not there where that is 0.
    private func transactions(_ each: [(key: String, created: Int64, operation: JSONValue)]) async throws -> JSONValue {
        let operations = each.map { key, created, operation -> JSONValue in
            let condition: JSONValue = [
                "target": "CREATE", "key": Self.base64(key), "create_revision": .string("\(created)"),
            ]
            return ["request_txn": ["compare": [condition], "success": [operation]]]
        }
        return try await call("/v3/kv/txn", ["success": .array(operations)])
    }

    /// Gives a key another value.
    func put(_ key: String, _ value: String, lease: Int64) async throws {
        _ = try await call(
            "/v3/kv/put",
            ["key": Self.base64(key), "value": Self.base64(value), "lease": .string("\(lease)")])
    }

    private static func pair(_ value: JSONValue) throws(LeaseError) -> Pair {
        guard let key = text(value["key"]), let revision = value["create_revision"]?.int64 else {
            throw .unreadable("a pair without key or create_revision")
        }
        return Pair(
            key: key, value: text(value["value"]) ?? "", lease: value["lease"]?.int64 ?? 0, createRevision: revision)
    }

    private static func revision(of answer: JSONValue) throws(LeaseError) -> Int64 {
        guard let revision = answer["header"]?["revision"]?.int64 else { throw .unreadable("no header.revision") }
        return revision
    }

    private static func base64(_ text: String) -> JSONValue { .string(Data(text.utf8).base64EncodedString()) }

    private static func text(_ value: JSONValue?) -> String? {
        value?.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first key behind all that begin with `prefix`, which ends with a slash.
    private static func end(of prefix: String) -> JSONValue { base64(prefix.dropLast() + "0") }
}

extension JSONValue {
    /// A number of 64 bits: a text in etcd's answers.
    fileprivate var int64: Int64? { string.flatMap { Int64($0) } ?? integer.map(Int64.init) }
}
