from generate import upload_to_minio

# --- as documented
url = upload_to_minio("/tmp/output.png", "20260104_120000_output.png")
if url:
    print(f"Available at: {url}")
