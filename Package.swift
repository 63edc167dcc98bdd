// swift-tools-version: 6.1
import PackageDescription

/// What every target of this package is compiled with.
let house: [SwiftSetting] = [
    .unsafeFlags(["-warnings-as-errors"])
]

/// For what runs whole programs in tests: a board that is several times slower than a real one proves little.
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let webSocket: [Target.Dependency] = [
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOWebSocket", package: "swift-nio"),
]
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle: [Target.Dependency] = [
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]

let package = Package(
    name: "iot",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "iot", targets: ["iot"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.25.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.5.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.15.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.25.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        // The executable: lists the subcommands.
        .executableTarget(
            name: "iot",
            dependencies: [
                "Base", "ClientSim", "Daemon", "Flash", "HIL", "Hub", "Up", "VirtualBoard", arguments, logging,
            ],
            swiftSettings: house),

        // Tools: each holds its domain code and its commands.
        .target(
            name: "Up",
            dependencies: [
                "Daemon", "Files", "Settings", "UnitProtocol", arguments, logging,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio + lifecycle,
            swiftSettings: house),
        .target(
            name: "ClientSim",
            dependencies: [
                "CEpoll", "Daemon", "Files", "JUnit", "LiveStream", "PeerLink", "Settings", "TerminalText",
                "UnitProtocol", arguments, crypto, logging,
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio + lifecycle,
            swiftSettings: house),
        .target(
            name: "Base",
            dependencies: [
                "Channels", "CZlib", "Daemon", "Files", "LiveStream", "PeerLink", "Settings", "TerminalText",
                "UnitProtocol", "WebSocketClient", arguments, crypto, logging, metrics,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Collections", package: "swift-collections"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ] + nio + webSocket + lifecycle,
            swiftSettings: house),
        .target(
            name: "Hub",
            dependencies: [
                "Channels", "Daemon", "Files", "Settings", "UnitProtocol", arguments, crypto, logging,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ] + nio + webSocket + lifecycle,
            resources: [.copy("Pages")],
            swiftSettings: house),

        .target(
            name: "Flash",
            dependencies: [
                "CZlib", "ESPLoader", "Files", "SerialPort", "Settings", "TerminalText", arguments,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: house),
        .target(
            name: "VirtualBoard",
            dependencies: ["CZlib", "Daemon", "ESPLoader", "Files", "LX106", "SerialPort", arguments, crypto, logging]
                + nio
                + lifecycle,
            swiftSettings: house + optimised),

        .target(
            name: "HIL",
            dependencies: [
                "CEpoll", "Daemon", "Files", "JUnit", "SerialPort", "Settings", "TerminalText", "UnitProtocol",
                arguments,
                crypto, logging,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio,
            resources: [.copy("Report/Page")],
            swiftSettings: house),

        // What several tools are for others: a device that streams.
        .target(
            name: "LiveStream",
            dependencies: [
                "Channels", "PeerLink", "WebSocketClient", logging,
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio,
            swiftSettings: house),

        // Links: how a long-running command lives as a process (events, signals, its parent), and what it opens.
        .target(name: "SerialPort", dependencies: ["CLibUSB", "TerminalText"], swiftSettings: house),
        .target(
            name: "PeerLink",
            dependencies: [
                "COpenSSL", "CUsrsctp", "CZlib", crypto, .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ] + nio,
            swiftSettings: house),
        .target(
            name: "WebSocketClient",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio + webSocket,
            swiftSettings: house),
        .target(name: "Files", swiftSettings: house),
        .target(name: "Daemon", dependencies: [arguments, logging] + lifecycle, swiftSettings: house),

        // Pure cores: bytes and time in, actions out.
        .target(
            name: "Settings",
            dependencies: [
                "JSONSyntax", .product(name: "TOMLKit", package: "TOMLKit"), .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: house),
        .target(name: "UnitProtocol", swiftSettings: house),
        .target(name: "Channels", dependencies: ["CSodium", "JSONSyntax", crypto], swiftSettings: house),
        .target(name: "ESPLoader", dependencies: [crypto], swiftSettings: house),
        .target(name: "LX106", swiftSettings: house + optimised),

        // What the cores share, and what tools share.
        .target(name: "JSONSyntax", swiftSettings: house),
        .target(name: "JUnit", swiftSettings: house),
        .target(name: "TerminalText", swiftSettings: house),

        // System libraries.
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CUsrsctp", providers: [.apt(["libusrsctp-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Tests mirror the sources; EndToEndTests runs the built command against independent peers.
        .target(name: "TestSupport", dependencies: ["Daemon"] + nio, path: "Tests/TestSupport", swiftSettings: house),
        .executableTarget(
            name: "SerialProbe", dependencies: ["SerialPort", "TestSupport"], path: "Tests/SerialProbe",
            swiftSettings: house),
        .executableTarget(name: "HILProbe", dependencies: ["HIL"], path: "Tests/HILProbe", swiftSettings: house),
        .executableTarget(
            name: "PeerProbe",
            dependencies: [
                "PeerLink", "TestSupport", .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ], path: "Tests/PeerProbe", swiftSettings: house),
        .executableTarget(
            name: "OutboxProbe", dependencies: ["Base", "UnitProtocol"], path: "Tests/OutboxProbe", swiftSettings: house
        ),
        .executableTarget(
            name: "lx106-bench", dependencies: ["LX106"], path: "Benchmarks/LX106Bench", swiftSettings: house),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: house),
        .testTarget(name: "JSONSyntaxTests", dependencies: ["JSONSyntax"], swiftSettings: house),
        .testTarget(name: "JUnitTests", dependencies: ["JUnit", "TestSupport"], swiftSettings: house),
        .testTarget(name: "UnitProtocolTests", dependencies: ["UnitProtocol", "TestSupport"], swiftSettings: house),
        .testTarget(name: "ChannelsTests", dependencies: ["Channels", "TestSupport"], swiftSettings: house),
        .testTarget(name: "ESPLoaderTests", dependencies: ["ESPLoader", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "LX106Tests", dependencies: ["Daemon", "ESPLoader", "LX106", "TestSupport"], swiftSettings: house),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "DaemonTests", dependencies: ["Daemon", "TestSupport", "iot", logging] + lifecycle,
            swiftSettings: house),
        .testTarget(
            name: "ClientSimTests",
            dependencies: [
                "ClientSim", "Daemon", "JUnit", "LiveStream", "Settings", "UnitProtocol", "TestSupport", "iot",
            ],
            swiftSettings: house),
        .testTarget(
            name: "BaseTests",
            dependencies: [
                "Base", "Channels", "Daemon", "OutboxProbe", "Settings", "UnitProtocol", "TestSupport", logging,
                metrics,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ] + nio + webSocket + lifecycle,
            swiftSettings: house),
        .testTarget(
            name: "HubTests",
            dependencies: [
                "Hub", "Channels", "Daemon", "TestSupport", "UnitProtocol", logging,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ] + nio + webSocket,
            swiftSettings: house),
        .testTarget(
            name: "UpTests",
            dependencies: [
                "Up", "TestSupport", "UnitProtocol", arguments, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "VirtualBoardTests", dependencies: ["VirtualBoard", "ESPLoader", "TestSupport", "iot"] + nio,
            swiftSettings: house),
        .testTarget(
            name: "FlashTests",
            dependencies: ["Daemon", "ESPLoader", "Flash", "SerialPort", "Settings", "TestSupport", "iot", arguments],
            swiftSettings: house),
        .testTarget(
            name: "HILTests",
            dependencies: [
                "Daemon", "HIL", "HILProbe", "JUnit", "Settings", "TerminalText", "TestSupport", "UnitProtocol", "iot",
            ],
            swiftSettings: house),
        .testTarget(
            name: "SerialPortTests",
            dependencies: ["Daemon", "SerialPort", "SerialProbe", "TerminalText", "TestSupport", "iot"],
            swiftSettings: house),
        .testTarget(
            name: "PeerLinkTests",
            dependencies: [
                "PeerLink", "PeerProbe", "TestSupport",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ] + nio, exclude: ["Vectors"], swiftSettings: house),
        .testTarget(name: "WebSocketClientTests", dependencies: ["WebSocketClient"] + nio, swiftSettings: house),
        .testTarget(
            name: "LiveStreamTests",
            dependencies: ["Channels", "LiveStream", "PeerLink", "TestSupport", "WebSocketClient", logging] + nio,
            swiftSettings: house),
        .testTarget(
            name: "SpecificationTests", dependencies: ["Daemon", "TestSupport", "iot"], swiftSettings: house),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Daemon", "TestSupport", "iot",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio,
            swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)
