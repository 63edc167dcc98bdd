import Foundation

/// A line on stdout, at once: whoever kills this process has then read it.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}
