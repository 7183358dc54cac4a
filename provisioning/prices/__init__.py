"""The dated price books (one CSV file each), their reader, usage profiles, and what an estimate says."""
