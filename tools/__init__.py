"""What contributors run, from the course's folder: python -m tools.execute …, python -m tools.build_handouts …"""
