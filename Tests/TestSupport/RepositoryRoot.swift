import Foundation

/// The folder that holds Package.swift, found from where this file was compiled.
public let repositoryRoot: URL = {
    URL(filePath: #filePath)
        .deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()
}()
