import Daemon
import Foundation
import Settings
import TestSupport
import Testing

@testable import Base

@Suite struct SecretTests {
    private func text(_ api: String, _ more: String = "") -> String {
        """
        {"clients": ["10.0.0.1"], "api": {"url": "https://d.example"\(api)}, "pusher": {"app-key": "k", "cluster": "eu"}
         \(more)}
        """
    }

    private func write(_ text: String, _ url: URL, mode: mode_t = 0o600) throws {
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        #expect(chmod(url.path, mode) == 0)
    }

    private func problem(_ text: String, _ sources: SecretSources) throws -> String {
        try #require(throws: SettingsError.self) { try Configuration(json: text, sources: sources) }.description
    }

    @Test("the token stands in the file, beside it, in systemd's credentials or in the environment, in this order")
    func places() throws {
        try withTemporaryDirectory { folder in
            try write("same\n", folder.appending(path: "token"))
            try write("same", folder.appending(path: "credentials/api-token"))
            func place(_ api: String, _ environment: [String: String] = [:]) throws -> String {
                let read = try Configuration(
                    json: text(api), sources: SecretSources(folder: folder.path, environment: environment))
                #expect(read.api.token.exposed == "same")
                #expect(read.warnings == [])
                return read.api.tokenPlace
            }
            let credentials = ["CREDENTIALS_DIRECTORY": folder.appending(path: "credentials").path]
            let all = credentials.merging(["IOT_API_TOKEN": "same"]) { $1 }
            #expect(try place(#", "token": "same", "token-file": "token""#, all) == "api.token")
            #expect(try place(#", "token-file": "token""#, all) == "api.token-file")
            #expect(try place("", all) == "the credential api-token")
            #expect(try place("", ["IOT_API_TOKEN": "same", "CREDENTIALS_DIRECTORY": "/nowhere"]) == "IOT_API_TOKEN")
        }
    }

    @Test("etcd's password stands where the token may, in the same order")
    func passwordPlaces() throws {
        try withTemporaryDirectory { folder in
            try write("same\n", folder.appending(path: "password"))
            try write("same", folder.appending(path: "credentials/etcd-password"))
            func read(_ cluster: String, _ environment: [String: String]) throws -> Configuration {
                try Configuration(
                    json: text(
                        #", "token": "t""#,
                        #", "cluster": {"etcd": ["http://127.0.0.1:2379"], "user": "u"\#(cluster)}"#),
                    sources: SecretSources(folder: folder.path, environment: environment))
            }
            func place(_ cluster: String, _ environment: [String: String]) throws -> String? {
                let settings = try #require(try read(cluster, environment).cluster)
                #expect(settings.credentials == EtcdCredentials(user: "u", password: Secret("same")))
                return settings.passwordPlace
            }
            let credentials = ["CREDENTIALS_DIRECTORY": folder.appending(path: "credentials").path]
            let all = credentials.merging(["IOT_ETCD_PASSWORD": "same"]) { $1 }
            #expect(try place(#", "password": "same", "password-file": "password""#, all) == "cluster.password")
            #expect(try place(#", "password-file": "password""#, all) == "cluster.password-file")
            #expect(try place("", all) == "the credential etcd-password")
            #expect(try place("", ["IOT_ETCD_PASSWORD": "same"]) == "IOT_ETCD_PASSWORD")
            let error = #expect(throws: SettingsError.self) { try read(#", "password": "two""#, all) }
            #expect(
                error?.description
                    == "cluster.password: is another one in cluster.password than in the credential etcd-password; "
                    + "keep one of them")
        }
    }

    @Test("two that differ, none, one that cannot be read and one that everybody may read are told")
    func mistakes() throws {
        try withTemporaryDirectory { folder in
            let sources = SecretSources(folder: folder.path, environment: ["IOT_API_TOKEN": "one"])
            try write("two", folder.appending(path: "token"))
            #expect(
                try problem(text(#", "token-file": "token""#), sources)
                    == "api.token: is another one in api.token-file than in IOT_API_TOKEN; keep one of them")
            #expect(
                try problem(text(#", "token": "two""#), sources)
                    == "api.token: is another one in api.token than in IOT_API_TOKEN; keep one of them")
            let alone = SecretSources(folder: folder.path, environment: ["IOT_API_TOKEN": ""])
            #expect(
                try problem(text(""), alone)
                    == "api.token: is missing; write it, or name its file as api.token-file, or set IOT_API_TOKEN; where it "
                    + "is systemd's credential api-token, the service alone has it, and `iot base check "
                    + "--without-secrets` checks the rest")
            #expect(
                try Configuration(
                    json: text(""), sources: SecretSources(folder: folder.path, environment: ["IOT_API_TOKEN": "x"])
                )
                .api.token == Secret("x"))
            #expect(
                try problem(text(#", "token-file": "gone""#), alone)
                    == "api.token-file: cannot be read: \(folder.path)/gone: No such file or directory")
            try write("a b", folder.appending(path: "spaces"))
            #expect(
                try problem(text(#", "token-file": "spaces""#), alone)
                    == "api.token: must be visible ASCII without spaces in api.token-file, as an HTTP header takes it")
            try write("two", folder.appending(path: "open"), mode: 0o644)
            let open = try Configuration(json: text(#", "token-file": "open""#), sources: alone)
            #expect(
                open.warnings.map(\.description) == [
                    "api.token-file: may be read by everybody on this machine (\(folder.path)/open has mode 644); "
                        + "chmod 600 changes that"
                ])
        }
    }

    @Test("what is wrong with TLS files and pins is told before anything starts")
    func trust() throws {
        try withTemporaryDirectory { folder in
            try write("nonsense", folder.appending(path: "nonsense"))
            let sources = SecretSources(folder: folder.path, environment: [:])
            let file = "\(folder.path)/nonsense"
            #expect(
                try problem(
                    text(
                        #"""
                        , "token": "t", "tls": {"ca-file": "nonsense", "certificate": "nonsense", "key": "nonsense",
                                                "pins": ["sha256/AAAA", "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]}
                        """#), sources) == """
                        api.tls.pins[0]: "sha256/AAAA" is no pin; write the SHA-256 of the server's public key, such as \
                        sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
                        api.tls.ca-file: must be a PEM file with certificates; \(file) has none that can be read
                        api.tls.certificate: must be a PEM file with certificates; \(file) has none that can be read
                        api.tls.key: must be a PEM file with a private key without a password; \(file) is none
                        """)
            #expect(
                try problem(text(#", "token": "t", "tls": {"certificate": "x"}"#), .none)
                    == "api.tls.key: is missing: certificate and key go together")
            #expect(
                try problem(
                    text(#", "token": "t", "tls": {}"#).replacing("https:", with: "http:"), .none)
                    == "api.tls: is for an https address; api.url is none")
        }
    }

    @Test("a key that is another certificate's is told before anything starts")
    func pair() async throws {
        try await withTemporaryDirectory { folder in
            for name in ["a", "b"] {
                let made = try ChildProcess(
                    name: "openssl", executable: URL(filePath: "/usr/bin/openssl"),
                    arguments: [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                        "/CN=\(name)", "-keyout", "\(folder.path)/\(name).key", "-out", "\(folder.path)/\(name).pem",
                    ])
                try #require(await FinishedCommand.run(made).end == "exit code 0")
            }
            let sources = SecretSources(folder: folder.path, environment: [:])
            func api(_ key: String) -> String { #", "token": "t", "tls": {"certificate": "a.pem", "key": "\#(key)"}"# }
            #expect(try Configuration(json: text(api("a.key")), sources: sources).api.tls.keyFile != nil)
            #expect(
                try problem(text(api("b.key")), sources)
                    == "api.tls.key: must be the key of \(folder.path)/a.pem, which \(folder.path)/b.key is not")
        }
    }

    @Test("what is in effect is printed with all defaults, can be read again, and has no secret")
    func effective() throws {
        for more in [
            "", #", "allow": ["10.0.0.0/8"], "outbox": {"sync": "always"}, "operations": {"listen": "off"}"#,
            #", "cluster": {"etcd": ["https://a:2379"]}, "discovery": {"mdns": true, "interface": "10.1.0.9"}"#,
            #", "cluster": {"etcd": ["https://a:2379", "https://b:2379"], "prefix": "/a", "name": "n", "lease": "1m", "#
                + #""user": "u", "password": "b-secret-of-18-cha", "tls": {"ca-file": "/ca.pem"}}"#,
            #", "discovery": {"sweep": ["10.0.0.0/24"], "rate": 7, "every": "2h", "timeout": "1s", "listen": "0s"}"#,
            #", "units": {"period": "1500ms", "stagger": "0s"}, "commands": {"ttl": "1s"}, "webhook": {"order": "fresh-first"}"#,
        ] {
            var configuration = try Configuration(json: text(#", "token": "a-secret-of-18-cha""#, more))
            let printed = configuration.effectiveText
            #expect(printed.contains("\"token\": \"(hidden, 18 characters)\""))
            #expect(!printed.contains("-secret"))
            configuration.commands.ttl = configuration.commands.ttl ?? configuration.commands.timeout
            configuration.outbox.directory = configuration.outbox.place
            configuration.operations.isListenWritten = true
            let again = try Configuration(
                json: printed.replacing(
                    #""password": "(hidden, 18 characters)""#, with: #""password": "b-secret-of-18-cha""#
                )
                .replacing("(hidden, 18 characters)", with: "a-secret-of-18-cha"))
            #expect(again == configuration)
        }
    }

    @Test("an outbox whose path is not absolute begins at the configuration's folder")
    func outbox() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "config.json")
            try write(text(#", "token": "t0k3n""#, #", "outbox": {"directory": "state/a"}"#), file)
            let done = try await FinishedCommand.run(["base", "print-config", "--config", file.path])
            #expect(done.output.contains(#"    "directory": "\#(folder.path)/state/a","#))
        }
    }

    @Test("iot base print-config prints JSON, and warns of a configuration with a token that everybody may read")
    func command() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "config.json")
            try write(text(#", "token": "t0k3n""#), file, mode: 0o644)
            let done = try await FinishedCommand.run(["base", "print-config", "--config", file.path])
            #expect(done.end == "exit code 0")
            #expect(
                done.errors == [
                    "warning: api.token: may be read by everybody on this machine (\(file.path) has mode 644); chmod 600 "
                        + "changes that"
                ])
            #expect(
                done.output.prefix(8) == [
                    "{", #"  "clients": ["10.0.0.1"],"#,
                    #"  "allow": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],"#, #"  "api": {"#,
                    #"    "url": "https://d.example","#, #"    "token": "(hidden, 5 characters)""#, "  },",
                    #"  "pusher": {"#,
                ])
        }
    }
}
