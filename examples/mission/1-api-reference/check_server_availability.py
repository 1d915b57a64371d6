import sys

from generate import check_server_availability

# --- as documented
if not check_server_availability():
    print("Server is down")
    sys.exit(2)
