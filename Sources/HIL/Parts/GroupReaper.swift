import Daemon
import Foundation

/// Ends what a run has started when the run itself is killed: programs that do not look whether their parent lives, such as what
/// switches power, or firmware as a process.
///
/// A shell that is told of each child, and kills the process groups of those that are left when its stdin ends, which the kernel
/// sees to.
final class GroupReaper: Sendable {
    /// Nil where no shell can be started: then a killed run leaves what it has started.
    static let shared = try? GroupReaper()

    private static let script = """
        trap '' INT TERM HUP
        groups=' '
        while read -r word group; do
            case $word in
                began) groups="$groups$group " ;;
                ended) case $groups in *" $group "*) groups="${groups%%" $group "*} ${groups#*" $group "}" ;; esac ;;
            esac
        done
        for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
        """
    private static let patience = Duration.seconds(5)

    private let shell: ChildProcess
    private let tell: AsyncStream<String>.Continuation
    private let teller: Task<Void, Never>

    private init() throws {
        let shell = try ChildProcess(
            name: "reaper", executable: URL(filePath: "/bin/sh"), arguments: ["-c", Self.script], readsErrors: true)
        let (lines, tell) = AsyncStream.makeStream(of: String.self)
        self.shell = shell
        self.tell = tell
        teller = Task {
            for await line in lines {
                try? await shell.send(line: line, within: Self.patience)
            }
        }
    }

    /// From now on until it has ended.
    func watch(_ child: ChildProcess) {
        tell.yield("began \(child.processIdentifier)")
        Task { [tell] in
            if await child.waitForEnd() != nil { tell.yield("ended \(child.processIdentifier)") }
        }
    }
}
