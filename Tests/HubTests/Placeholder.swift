import Testing

@Test func placeholderHub() {}
