import TestSupport
import Testing

/// The Debian package of the built command, in the hands of Debian's own tools.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: DebianTools.canPackage, DebianTools.reason))
struct DebianPackageTests {
    /// A line of JSON a finding.
    private func findings(_ scenario: String) async throws -> [String] {
        try await withTemporaryDirectory { directory in
            try await PythonPeer.run(
                "debian_package.py", [try BuiltCommand.executable().path, directory.path, scenario],
                within: .seconds(500))
        }
    }

    @Test("the package has the command with the libraries it needs, the service, completions and manual pages")
    func contents() async throws {
        let files = [
            "etc/iot/config.json", "lib/systemd/system/iot-base.service", "usr/lib/sysusers.d/iot-base.conf",
            "usr/share/doc/iot/base.md", "usr/share/bash-completion/completions/iot",
            "usr/share/zsh/vendor-completions/_iot", "usr/share/fish/vendor_completions.d/iot.fish",
            "usr/lib/iot/iot_Hub.resources/Pages/index.html", "usr/lib/iot/iot_HIL.resources/Page/page.js",
        ]
        let pages = ["-base", "-board", "-flash", "-hil", "-hub", "-image", "-monitor", "-ports", "-sim", "-up", ""]
        #expect(
            try await findings("contents")
                == files.map { #"{"what": "\#($0)", "is": true}"# } + [
                    #"{"what": "the command", "is": "../lib/iot/iot"}"#, #"{"what": "its version", "is": true}"#,
                    #"{"what": "libraries from elsewhere than the package and Debian", "is": []}"#,
                    #"{"what": "manual pages", "is": [\#(pages.map { "\"iot\($0).1.gz\", " }.joined())"iot-base-config.5.gz"]}"#,
                    #"{"what": "warnings of roff", "is": []}"#,
                    #"{"what": "the base's page has its run", "is": true}"#,
                    #"{"what": "licences of what is linked", "is": [true, true, true, true]}"#,
                ])
    }

    @Test("it asks for a configuration, keeps it and the outbox over upgrades and a removal, and a purge takes both")
    func life() async throws {
        #expect(
            try await findings("life") == [
                #"{"what": "a configuration that is not filled in is told", "is": [true, true]}"#,
                #"{"what": "the service is enabled", "is": [true]}"#,
                #"{"what": "its user", "is": ["iot-base"]}"#,
                #"{"what": "who reads the configuration", "is": ["750 root iot-base", "640 root iot-base"]}"#,
                #"{"what": "an upgrade with a right configuration says nothing of it", "is": false}"#,
                #"{"what": "it keeps the configuration", "is": true}"#,
                #"{"what": "it keeps what the administrator has decided", "is": "-rw-------"}"#,
                #"{"what": "it keeps the outbox", "is": "a measurement"}"#,
                #"{"what": "a disabled service stays disabled", "is": [false]}"#,
                #"{"what": "a removal takes the command and the unit", "is": [false, false]}"#,
                #"{"what": "it keeps configuration and outbox", "is": [true, true]}"#,
                #"{"what": "a purge takes them", "is": [false, false, false]}"#,
            ])
    }

    @Test("lintian has nothing against it")
    func lintian() async throws {
        #expect(
            try await findings("judged") == [
                #"{"what": "lintian", "is": []}"#, #"{"what": "its exit code", "is": 0}"#,
            ])
    }

    @Test(
        "under systemd the service is ready, well, started anew when it stands still, and not for a wrong configuration",
        .enabled(if: DebianTools.canRunSystemd, DebianTools.noSystemd))
    func service() async throws {
        #expect(
            try await findings("service") == [
                #"{"what": "without a configuration it is told", "is": true}"#,
                #"{"what": "enabled, and not started", "is": ["enabled", "inactive"]}"#,
                #"{"what": "it starts when it says that it is ready", "is": [0, "active", "1 unit to read"]}"#,
                #"{"what": "measurements pass", "is": true}"#,
                #"{"what": "its user is not root", "is": true}"#,
                #"{"what": "its capabilities", "is": "0000000000000000"}"#,
                #"{"what": "new privileges are impossible, system calls are filtered", "is": ["1", "2"]}"#,
                #"{"what": "the token is handed over, to be read alone", "is": ["t0k3n", "0"]}"#,
                #"{"what": "who reads what it keeps", "is": ["700", "700"]}"#,
                #"{"what": "a reload is over when the new unit is one of those to read", "is": [0, "", "active", "2 units to read"]}"#,
                #"{"what": "with a wrong file it fails, and the base runs on", "is": [1, "active", true]}"#,
                #"{"what": "the status says why", "is": true}"#,
                #"{"what": "units go by a reload, too", "is": [0, "active", "1 unit to read"]}"#,
                #"{"what": "all by the same process", "is": true}"#,
                #"{"what": "a base that is well is left alone", "is": [true, "0"]}"#,
                #"{"what": "a base that stands still is started anew", "is": ["1"]}"#,
                #"{"what": "with a wrong configuration the start fails", "is": 1}"#,
                #"{"what": "for good, as another attempt would not help", "is": ["failed", "78", "0"]}"#,
                #"{"what": "an upgrade starts the new command", "is": [true, "active"]}"#,
                #"{"what": "it keeps the outbox", "is": "kept"}"#,
                #"{"what": "a stop in good order", "is": ["inactive", "success", "0"]}"#,
                #"{"what": "a purge stops it and takes what it kept", "is": ["inactive", false, false]}"#,
            ])
    }
}
