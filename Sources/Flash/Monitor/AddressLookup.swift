import Foundation
import Glibc

/// One `addr2line` that is kept running: asked for many addresses at a time, it answers when it is done. Never blocks.
final class AddressLookup {
    /// Debian's, in the package ``package``.
    static let tool = "xtensa-lx106-elf-addr2line"
    static let package = "binutils-xtensa-lx106"
    /// For reading all line tables of a large program on a slow machine.
    static let patience = Duration.seconds(20)

    /// Why no addresses are looked up: for a person, with what to do.
    struct Unavailable: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    /// An address that no code is at; its answer is the end of a batch.
    private static let mark: UInt32 = 0xFFFF_FFFF

    private let socket: Int32
    private let process: pid_t
    private var lines: [String] = []
    private var rest: [UInt8] = []
    private var deadline: ContinuousClock.Instant?
    /// How many addresses the question has.
    private var count = 0

    /// - Throws: ``Unavailable`` where the tool cannot be started.
    init(elf: String) throws(Unavailable) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw Unavailable(description: "\(Self.tool): no pipe to it: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[1]) }
        do {
            process = try Self.spawn([Self.tool, "-a", "-f", "-i", "-C", "-e", elf], stream: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        socket = ends[0]
    }

    deinit {
        close(socket)
        // It may be in the middle of reading a large file.
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    private static func spawn(_ words: [String], stream: Int32) throws(Unavailable) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, stream, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, stream, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // A group of its own: a Ctrl-C at the terminal is not meant for it.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        let code = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, environ)
        guard code == 0 else {
            throw Unavailable(
                description: code == ENOENT
                    ? "\(tool) is not installed: sudo apt install \(package)"
                    : "\(tool) does not start: \(String(cString: strerror(code)))")
        }
        return process
    }

    /// Whether an answer is still to come.
    var isBusy: Bool { deadline != nil }

    /// Asks for addresses; the answer comes from ``answer()``. One question at a time.
    func ask(_ addresses: [UInt32]) throws(Unavailable) {
        // Its first answer for a source file names an inlined function by the one around it; the second is right.
        let text = (addresses + addresses + [Self.mark]).map { Hex.text($0, 8) + "\n" }.joined()
        let bytes = Array(text.utf8)
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        guard send(socket, bytes, bytes.count, flags) == bytes.count else { throw Self.ended }
        lines = []
        rest = []
        count = addresses.count
        deadline = .now + Self.patience
    }

    /// The places that were asked for, in that order; nil while they are not known.
    func answer() throws(Unavailable) -> [CodePlace]? {
        guard let deadline else { return nil }
        var buffer = [UInt8](repeating: 0, count: 0x4000)
        while true {
            let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                take(buffer[..<count])
                guard lines.dropLast(2).last != Hex.text(Self.mark, 8) else {
                    self.deadline = nil
                    return Array(CodePlace.parse(lines.dropLast(3)).dropFirst(self.count))
                }
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                guard ContinuousClock.now < deadline else {
                    throw Unavailable(description: "\(Self.tool) does not answer within \(Self.patience)")
                }
                return nil
            } else {
                throw Self.ended
            }
        }
    }

    private static let ended = Unavailable(
        description: "\(tool) has ended; is the file an ELF of an ESP8266 with debug information?")

    /// What the ELF says is shown, so it is made safe to show.
    private func take(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            guard byte == 0x0A else {
                rest.append(byte)
                continue
            }
            var decoder = UTF8Pieces()
            let text = rest.map { decoder.take($0) }.joined()
            lines.append(text + decoder.finish())
            rest = []
        }
    }
}
