import Crypto

/// The digest with which loaders compare the flash.
public enum MD5 {
    public static func of(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }
}
