import Testing

@Suite struct TestNamesTests {
    @Test("names of tests that run count; comments, disabled tests, suites and other texts do not")
    func names() {
        let source = """
            // XX-001 in a comment
            @Suite("XX-002: a suite")
            struct SomeTests {
                /// @Test("XX-003: a test in a comment") func commented() {}
                @Test("XX-004: a test that runs")
                func runs() { let text = "XX-005" }

                @Test(
                    "XX-006, XX-007: with \\"quotes\\" and arguments", .enabled(if: isExpected),
                    arguments: ["XX-008"])
                func over(lines: String) {}

                @Test("XX-009: a test that is disabled", .disabled("XX-010"))
                func disabled() {}

                @Test(#"XX-011: a raw name"#) func raw() {}
            }
            """
        #expect(
            TestNames(in: source).running == [
                "XX-004: a test that runs", "XX-006, XX-007: with \\\"quotes\\\" and arguments",
                "XX-011: a raw name",
            ])
    }
}
