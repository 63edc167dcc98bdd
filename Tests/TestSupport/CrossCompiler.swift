import Foundation
import Testing

/// Debian's gcc and binutils for the ESP8266, with which tests build programs of their own.
public enum CrossCompiler {
    private static let isInstalled = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/xtensa-lx106-elf-gcc") }

    /// Whether tests with it run: where it is, and in CI always, so that a missing one fails there.
    public static var isExpected: Bool { isInstalled || ProcessInfo.processInfo.environment["CI"] == "true" }

    /// For `@Test(.enabled(if:, CrossCompiler.reason))`.
    public static let reason: Comment = "gcc for the ESP8266 is not installed; run make deps"
}
