import Foundation

/// A run as plain lines on stderr.
struct PlainFollower: ProgressFollower {
    func on(_ progress: RunProgress) {
        switch progress {
        case .ended(let name, let verdict, let reason, let duration):
            let why = reason.map { ": \($0)" } ?? ""
            FileHandle.standardError.write(Data("\(verdict.rawValue) \(name) (\(duration.stamp) s)\(why)\n".utf8))
        default: break
        }
    }
}
