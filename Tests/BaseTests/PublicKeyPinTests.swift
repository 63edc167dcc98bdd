import Testing

@testable import Base

@Suite struct PublicKeyPinTests {
    @Test("a digest may begin with slashes of its own, after one slash of the prefix or two")
    func slashes() throws {
        for digest in [
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "/7DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "//DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        ] {
            #expect(try PublicKeyPin("sha256/\(digest)").description == "sha256/\(digest)")
            #expect(try PublicKeyPin("sha256//\(digest)").description == "sha256/\(digest)")
        }
    }

    @Test(
        "what is no digest of 32 bytes is no pin",
        arguments: [
            "", "sha256/", "sha256/AAAA", "sha1/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "sha256///47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        ])
    func mistakes(text: String) {
        #expect(throws: PublicKeyPinError(text: text)) { try PublicKeyPin(text) }
    }
}
