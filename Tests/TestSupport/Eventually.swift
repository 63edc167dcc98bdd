import Foundation

/// Thrown when something that a test waits for did not happen in time.
public struct DeadlineExceeded: Error, CustomStringConvertible {
    public let description: String
}

/// Asks `condition` again and again until it gives a value, at most for `limit`.
///
/// For what a test cannot be told of (another process's output, a page in a browser). Where an event exists, wait for
/// the event.
@discardableResult
public func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(20),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if let value = try await condition() { return value }
        guard clock.now < deadline else {
            throw DeadlineExceeded(description: "not within \(limit): \(what)")
        }
        try await Task.sleep(for: pause)
    }
}

/// The same for a plain condition.
public func eventually(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(20),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit, every: pause) { try await condition() ? true : nil }
}

/// Runs `operation`, and fails when it has not returned within `limit`.
public func deadline<Value: Sendable>(
    _ limit: Duration, _ what: String, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineExceeded(description: "not within \(limit): \(what)")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else {
            throw DeadlineExceeded(description: "cancelled: \(what)")
        }
        return first
    }
}
