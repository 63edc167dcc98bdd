import Glibc

/// The pages of the executable and its libraries that only the start of a process has needed.
///
/// They are the file's, so all processes share them and the kernel keeps them for the next; but each counts them as its own
/// memory. Those that are needed again come back by themselves.
enum StartupPages {
    /// Lets go of all pages that are a file's, cannot be written and have never been.
    ///
    /// Source: smaps in proc(5), MADV_DONTNEED in madvise(2). What the loader has relocated counts as anonymous there, and stays.
    static func release() {
        guard let file = fopen("/proc/self/smaps", "re") else { return }
        defer { fclose(file) }
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        var mapping: Range<UInt>?
        while getline(&buffer, &capacity, file) > 0, let line = buffer {
            let words = String(cString: line).split { $0 == " " || $0 == "\n" }.map(String.init)
            if words.count >= 5, let range = range(words[0]) {
                let isFile = words.count > 5 && words[5].hasPrefix("/")
                mapping = isFile && !words[1].contains("w") && words[1].hasSuffix("p") ? range : nil
            } else if words.first == "Anonymous:", words.dropFirst().first == "0", let found = mapping {
                madvise(
                    UnsafeMutableRawPointer(bitPattern: found.lowerBound), Int(found.upperBound - found.lowerBound),
                    Int32(MADV_DONTNEED))
            }
        }
    }

    /// Reads `7f00-7fff`.
    private static func range(_ word: String) -> Range<UInt>? {
        let ends = word.split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return ends[0]..<ends[1]
    }
}
