extension FlashSize {
    /// `4 MB`, `512 KB`.
    public static func text(ofBytes bytes: Int) -> String {
        bytes >= 1 << 20 && bytes.isMultiple(of: 1 << 20) ? "\(bytes >> 20) MB" : "\(bytes >> 10) KB"
    }
}
