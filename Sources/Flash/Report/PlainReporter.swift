import Foundation
import Synchronization

/// Lines on stderr, for logs and pipes: no bars, each board's lines with its port where there are several.
final class PlainReporter: Reporter {
    private let namesPorts: Bool
    private let lock = Mutex(())

    init(namesPorts: Bool) {
        self.namesPorts = namesPorts
    }

    func take(_ event: FlashEvent, of port: String?) {
        guard let text = FlashText.line(event) else { return }
        let prefix = port.flatMap { namesPorts ? "\($0): " : nil } ?? ""
        lock.withLock { _ in
            try? FileHandle.standardError.write(contentsOf: Data("\(prefix)\(text)\n".utf8))
        }
    }
}
