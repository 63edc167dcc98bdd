import TestSupport
import Testing

/// `iot image` beside unmodified esptool, on files that the peer makes by seed.
@Suite(
    .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason),
    .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct EsptoolImagesTests {
    @Test(
        "images, what is said of them, and merged files are the same as esptool's, byte for byte; Arduino builds are as the core reads them"
    )
    func sameAsEsptool() async throws {
        try await withTemporaryDirectory { directory in
            let lines = try await PythonPeer.run(
                "esptool_images.py", [try BuiltCommand.executable().path, directory.path], within: .seconds(240))
            #expect(
                lines == [
                    #"{"what": "images of ELF files written by hand", "is": {"same": 71, "#
                        + #""version 2 without a part in the flash refused by ours": 15, "refused by both": 26, "#
                        + #""nothing to load refused by ours": 8}}"#,
                    #"{"what": "images of ELF files of gcc and ld", "is": {"same": 48}}"#,
                    #"{"what": "what stands in images", "is": {"whole same": 15, "broken same": 14, "#
                        + #""whole refused by both": 6, "broken refused by both": 7}}"#,
                    #"{"what": "merged files", "is": {"raw same": 55, "uf2 same": 56, "hex same": 56, "#
                        + #""raw that share a sector refused by esptool": 4, "uf2 that share a sector refused by esptool": 4, "#
                        + #""hex that share a sector refused by esptool": 4, "#
                        + #""raw longer than --fill-to refused by ours": 1}}"#,
                    #"{"what": "Arduino builds", "is": {"eboot": 8, "eboot's checksum": 8, "filled with AA": 8, "#
                        + #""application": 8, "in place": 8, "checksum": 8, "length": 8, "crc": 8, "info": 8}}"#,
                ])
        }
    }
}
