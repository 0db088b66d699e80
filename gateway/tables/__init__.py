"""Lists as files for Excel, and files from Excel as rows.

County offices work in spreadsheets: every list can be had as CSV or XLSX, and what an import takes has
the same headings, so that an exported file can be corrected and imported back.
"""
