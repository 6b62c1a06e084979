"""Speed and memory as ratios against a floor of the same run; see docs/performance.md."""
